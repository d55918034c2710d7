"""What runs inside the containers of Azure ML endpoints: uploaded, never imported by the stack."""
