"""The rollout of the 258 authorities as a simulation: users, workload and scan-centre load, with their uncertainty."""
