# Without a provider: what the module makes of its variables. It needs no token and no network.
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

run "registers_what_it_is_told" {
  command = apply

  assert {
    condition     = wingspan_webhook_preference.this.url == "https://hooks.example.com/wingspan"
    error_message = "The URL is not the variable's."
  }

  assert {
    condition     = wingspan_webhook_preference.this.subscribed_events == toset(["Invoice.Paid", "Invoice.PaymentFailed"])
    error_message = "The events are not the variable's."
  }

  assert {
    condition     = wingspan_webhook_preference.this.shared_secret == null
    error_message = "The secret must not be in the state."
  }

  assert {
    condition     = wingspan_webhook_preference.this.shared_secret_wo_version == 1
    error_message = "The first version of the secret is 1."
  }

  assert {
    condition     = output.id == "mockPreference00000001"
    error_message = "The output id is not the webhook preference's."
  }
}

run "refuses_plain_http" {
  command = plan

  variables {
    url = "http://hooks.example.com/wingspan"
  }

  expect_failures = [var.url]
}

run "refuses_no_events" {
  command = plan

  variables {
    subscribed_events = []
  }

  expect_failures = [var.subscribed_events]
}

run "refuses_a_short_secret" {
  command = plan

  variables {
    secret = "too-short"
  }

  expect_failures = [var.secret]
}

run "refuses_a_version_of_zero" {
  command = plan

  variables {
    secret_version = 0
  }

  expect_failures = [var.secret_version]
}
