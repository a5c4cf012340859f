"""How values of one side compare with each other and what they are called on the other side; pure."""
