"""Why a `docker build` failed, by what it printed."""
