"""What the endpoints are given: one set of services per process, and for each request one model and one instant."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends, Request

from fastapi_app.follower import ModelFollower
from fastapi_app.served_model import FollowerState, ServedModel
from fastapi_app.warehouse import WarehouseReader, WarehouseWatch


@dataclass(frozen=True)
class Services:
    """What lives as long as the process.

    Attributes:
        follower: Holds the served model.
        reader: Reads the warehouse.
        watch: Knows the warehouse's state.
        now: The present instant, aware, UTC.
    """

    follower: ModelFollower
    reader: WarehouseReader
    watch: WarehouseWatch
    now: Callable[[], datetime]


def _services(request: Request) -> Services:
    return cast("Services", request.app.state.services)


ServicesDep = Annotated[Services, Depends(_services)]


def _follower_state(services: ServicesDep) -> FollowerState:
    return services.follower.state


FollowerStateDep = Annotated[FollowerState, Depends(_follower_state)]


def _served(state: FollowerStateDep) -> ServedModel:
    return state.require_served()


def _now(services: ServicesDep) -> datetime:
    return services.now()


ServedModelDep = Annotated[ServedModel, Depends(_served)]
NowDep = Annotated[datetime, Depends(_now)]
