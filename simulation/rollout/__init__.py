"""The rollout of the programme: projects, resources, risks, adoption, demand."""
