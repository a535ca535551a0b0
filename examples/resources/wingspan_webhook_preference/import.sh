# By the id of the webhook preference:
terraform import wingspan_webhook_preference.payments 5fKq2mZt8RwXcV1nB7yLdA

# By user_id/id, for one that another account owns:
terraform import wingspan_webhook_preference.payments 3hJp9sUe4QaGkT6xM0vWrC/5fKq2mZt8RwXcV1nB7yLdA
