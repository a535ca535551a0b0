# Runs the real provider against the test server at WINGSPAN_BASE_URL (see the
# README). Only the test server accepts this token, so these tests never change a
# real account.
provider "wingspan" {
  api_token = "test-token-not-a-real-one"
}

variables {
  url               = "https://hooks.example.com/module-tests"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]
  secret            = "fake-secret-for-tests-0123456789abcdef"
}

run "creates_webhook" {
  assert {
    condition     = output.id != "" && output.user_id != ""
    error_message = "The webhook has no ID or no owner."
  }
}

# tofu test doesn't support assertions about earlier runs (run.NAME.OUTPUT). The
# server sets updated_at to created_at when it creates a webhook, and increases it
# with each update.
run "does_not_update_without_changes" {
  assert {
    condition     = output.updated_at == wingspan_webhook_preference.this.created_at
    error_message = "The second apply updated the webhook."
  }
}

run "rotates_secret_in_place" {
  variables {
    secret         = "another-fake-secret-for-tests-0123456789"
    secret_version = 2
  }

  assert {
    condition     = output.updated_at != wingspan_webhook_preference.this.created_at
    error_message = "The secret was not sent, or the webhook was replaced."
  }
}
