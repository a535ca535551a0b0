# By ID:
terraform import wingspan_webhook_preference.payments 5fKq2mZt8RwXcV1nB7yLdA

# From a different account:
terraform import wingspan_webhook_preference.payments \
  3hJp9sUe4QaGkT6xM0vWrC/5fKq2mZt8RwXcV1nB7yLdA
