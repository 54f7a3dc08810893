"""Questions, quizzes, attempts, marking and item analysis."""
