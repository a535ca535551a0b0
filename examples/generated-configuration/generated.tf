# __generated__ by Terraform from "5fKq2mZt8RwXcV1nB7yLdA"
resource "wingspan_webhook_preference" "payments" {
  allow_duplicate          = false
  shared_secret            = null # sensitive
  shared_secret_wo         = null # sensitive
  shared_secret_wo_version = null
  subscribed_events        = ["Invoice.Paid", "Invoice.PaymentFailed"]
  url                      = "https://hooks.example.com/wingspan"
  user_id                  = "3hJp9sUe4QaGkT6xM0vWrC"
}
