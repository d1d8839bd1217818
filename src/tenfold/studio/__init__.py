"""The studio: a local web application that trains networks and shows how they learn.

It starts trainings as processes of their own, which go on without it, and sends their events to pages.
"""
