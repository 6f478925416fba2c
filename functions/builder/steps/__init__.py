"""The steps of a build: fetch, build, try, push."""
