"""What waits for a second person: the dialogs by which one confirms or declines."""
