"""Node's dotenv format, in both languages."""
