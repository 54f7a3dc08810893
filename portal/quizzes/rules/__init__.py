"""What questions and quizzes are, and how answers are marked."""
