# Every webhook preference of the provider's account.
list "wingspan_webhook_preference" "all" {
  provider = wingspan
}

# Those of one child account, with everything that -generate-config-out needs.
list "wingspan_webhook_preference" "child" {
  provider         = wingspan
  include_resource = true

  config {
    user_id = "3hJp9sUe4QaGkT6xM0vWrC"
  }
}
