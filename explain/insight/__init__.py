"""What pages and doors ask of a review: lists, groups, columns, evidence, and what would follow."""
