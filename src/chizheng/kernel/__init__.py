"""Ground floor: what every package stands on; knows nothing of the domain."""
