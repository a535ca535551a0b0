terraform apply
terraform output -raw import_blocks > imports.tf
terraform plan -generate-config-out=webhooks.tf
terraform apply
terraform plan
