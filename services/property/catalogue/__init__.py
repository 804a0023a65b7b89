"""What can be reported: six departments and a tree of categories."""
