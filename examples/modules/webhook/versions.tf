terraform {
  # Write-only arguments and ephemeral variables, in Terraform and in OpenTofu.
  required_version = ">= 1.11"

  required_providers {
    wingspan = {
      source = "wingspanhq/wingspan"
    }
  }
}
