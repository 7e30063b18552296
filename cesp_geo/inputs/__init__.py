"""What people bring besides zonings: follow-up sheets, lists, proposals, capacities, decisions."""
