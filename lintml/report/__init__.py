"""What people and machines read of the findings: frames, tables, differences, output formats."""
