import {
  to = wingspan_webhook_preference.payments
  id = "5fKq2mZt8RwXcV1nB7yLdA"
}
