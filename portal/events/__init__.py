"""Lectures: from the poster to the signed sheet."""
