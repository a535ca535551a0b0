# Mocks the provider to test the module's own logic. Requires no token and no
# network access.
mock_provider "wingspan" {
  mock_resource "wingspan_webhook_preference" {
    defaults = {
      id         = "mockPreference00000001"
      user_id    = "mockAccount00000000001"
      created_at = "2026-01-02T03:04:05.678Z"
      updated_at = "2026-01-02T03:04:05.678Z"
    }
  }
}

variables {
  url               = "https://hooks.example.com/wingspan"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]
  secret            = "fake-secret-for-tests-0123456789abcdef"
}

run "creates_webhook" {
  command = apply

  assert {
    condition     = wingspan_webhook_preference.this.url == var.url
    error_message = "url does not match var.url."
  }

  # In OpenTofu, a variable of a test file doesn't have the type that the module
  # declares.
  assert {
    condition     = wingspan_webhook_preference.this.subscribed_events == toset(var.subscribed_events)
    error_message = "subscribed_events does not match var.subscribed_events."
  }

  assert {
    condition     = wingspan_webhook_preference.this.shared_secret == null
    error_message = "shared_secret must not be set: it is stored in the state."
  }

  assert {
    condition     = wingspan_webhook_preference.this.shared_secret_wo_version == 1
    error_message = "shared_secret_wo_version does not default to 1."
  }

  assert {
    condition     = output.id == "mockPreference00000001"
    error_message = "The id output does not match the webhook's ID."
  }
}

run "rejects_http_url" {
  command = plan

  variables {
    url = "http://hooks.example.com/wingspan"
  }

  expect_failures = [var.url]
}

run "rejects_empty_events" {
  command = plan

  variables {
    subscribed_events = []
  }

  expect_failures = [var.subscribed_events]
}

run "rejects_short_secret" {
  command = plan

  variables {
    secret = "too-short"
  }

  expect_failures = [var.secret]
}

run "rejects_secret_version_zero" {
  command = plan

  variables {
    secret_version = 0
  }

  expect_failures = [var.secret_version]
}
