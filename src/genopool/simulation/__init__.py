"""Study tables with planted truth."""
