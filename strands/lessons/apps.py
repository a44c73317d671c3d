from django.apps import AppConfig


class LessonsConfig(AppConfig):
    name = "strands.lessons"
    label = "strands_lessons"
    verbose_name = "Lessons"
