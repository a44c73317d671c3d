from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "portfolio.reviews"
    label = "portfolio_reviews"
    verbose_name = "Reviews"
