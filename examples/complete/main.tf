# The webhook is registered first and the secret stored after it, both whenever the version changes. The receiver reads
# the secret from the store, so that nobody ever copies it by hand.
module "webhook" {
  source = "../modules/webhook"

  url               = var.url
  subscribed_events = var.subscribed_events
  secret            = var.webhook_secret
  secret_version    = var.webhook_secret_version
}

# Stands for the resource of your secret store, such as aws_secretsmanager_secret_version with its secret_string_wo.
resource "terraform_data" "stored_secret" {
  triggers_replace = [module.webhook.id, var.webhook_secret_version]

  provisioner "local-exec" {
    command = var.store_command
    environment = {
      WEBHOOK_SECRET = var.webhook_secret
    }
  }
}
