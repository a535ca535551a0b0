# With the real provider, against the test server that WINGSPAN_BASE_URL names (see the README).
# The token is the test server's, so that this can never write into a real account.
provider "wingspan" {
  api_token = "test-token-not-a-real-one"
}

variables {
  url               = "https://hooks.example.com/wingspan"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]
  secret            = "fake-secret-for-tests-0123456789abcdef"
}

run "registers" {
  assert {
    condition     = output.id != "" && output.user_id != ""
    error_message = "The webhook has no id or no owner."
  }
}

run "changes_nothing_without_a_reason" {
  assert {
    condition     = output.id == run.registers.id && output.updated_at == run.registers.updated_at
    error_message = "A second apply changed the webhook."
  }
}

run "rotates_the_secret_in_place" {
  variables {
    secret         = "another-fake-secret-for-tests-0123456789"
    secret_version = 2
  }

  assert {
    condition     = output.id == run.registers.id && output.updated_at != run.registers.updated_at
    error_message = "The secret was not sent, or the webhook was made anew."
  }
}
