terraform {
  required_providers {
    wingspan = {
      source = "wingspanhq/wingspan"
    }
  }
}

# Reads the API token from the WINGSPAN_API_TOKEN environment variable.
provider "wingspan" {
  environment = "staging" # Defaults to "production".
}
