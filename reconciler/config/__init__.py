"""The configuration file as a frozen value, with every mistake reported at once."""

from reconciler.config.load import load
from reconciler.config.values import Config, DashboardConfig, LogConfig, MappingConfig, SideConfig, StoreConfig

__all__ = ["Config", "DashboardConfig", "LogConfig", "MappingConfig", "SideConfig", "StoreConfig", "load"]
