"""What leaves the project: tables, AnnData, pictures, recipe, report and script."""
