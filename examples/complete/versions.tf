terraform {
  required_version = ">= 1.11"

  required_providers {
    wingspan = {
      source = "wingspanhq/wingspan"
    }
  }
}
