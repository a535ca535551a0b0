terraform {
  required_providers {
    wingspan = {
      source = "wingspanhq/wingspan"
    }
  }
}

# The token comes from the environment variable WINGSPAN_API_TOKEN, so that no file holds it.
provider "wingspan" {
  environment = "staging" # "production" is the default.
}
