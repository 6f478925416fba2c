"""`make uninstall`: deletes a stack and the stacks that use it, and says what it keeps, why, and what that costs."""
