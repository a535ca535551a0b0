import {
  to = wingspan_webhook_preference.payments
  identity = {
    id      = "5fKq2mZt8RwXcV1nB7yLdA"
    user_id = "3hJp9sUe4QaGkT6xM0vWrC" # Only for a different account.
  }
}
