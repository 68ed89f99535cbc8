"""`make up` and `make down`: the stack `local`, its emulator, and the folder `.local` that keeps both."""
