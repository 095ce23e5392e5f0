"""A judge against labels of people: the agreement of their answers, its uncertainty, and a gate on it."""
