# Replace with the resource of your secrets manager. The endpoint reads the
# secret from there, and accepts the previous one too.
resource "terraform_data" "stored_secret" {
  triggers_replace = [var.webhook_secret_version]

  provisioner "local-exec" {
    command = var.store_command
    environment = {
      WEBHOOK_SECRET = var.webhook_secret
    }
  }
}

# Wingspan signs with the secret only once it is stored.
module "webhook" {
  source = "../modules/webhook"

  url               = var.url
  subscribed_events = var.subscribed_events
  secret            = var.webhook_secret
  secret_version    = var.webhook_secret_version

  depends_on = [terraform_data.stored_secret]
}
