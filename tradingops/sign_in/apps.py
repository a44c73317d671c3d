from django.apps import AppConfig


class SignInConfig(AppConfig):
    name = "tradingops.sign_in"
    label = "tradingops_sign_in"
    verbose_name = "Sign-in"

    def ready(self) -> None:
        from tradingops.sign_in import throttle

        throttle.connect()
