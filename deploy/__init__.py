"""What runs the system on servers: an image, a compose file, Kubernetes manifests, backups."""
