"""Who may do what, and the guard before every address of the app."""
