"""Node's dotenv format: parsing and editing."""
