"""Compiling the contracts: vendor SDKs in, reviewed JSON out. Nothing at run time imports this."""
