"""The whole house under load, with five faults a minute: `make soak`."""
