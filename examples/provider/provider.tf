terraform {
  required_providers {
    wingspan = {
      source  = "wingspanhq/wingspan"
      version = "~> 0.1"
    }
  }
}

# Reads the API token from the WINGSPAN_API_TOKEN environment variable.
provider "wingspan" {
  environment = "staging" # Defaults to "production".
}
