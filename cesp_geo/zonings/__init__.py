"""What was designated, and when: versions, the calendar of orders, layers, differences."""
