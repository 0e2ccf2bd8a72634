"""What is heard at every place, as it is told to people."""

from bridge.config import authority
from bridge.inputs.devices import Device
from bridge.inputs.receiver import Receiver
from bridge.inputs.service import Inputs
from rigcast.v1 import service_pb2

SHOWN_S = 60.0
"""Seconds that a device is told of after its last packet."""


def report(inputs: Inputs) -> service_pb2.ListInputsResponse:
    """All of it."""
    now = inputs.clock()
    return service_pb2.ListInputsResponse(inputs=[_place(inputs, receiver, now) for receiver in inputs])


def _place(inputs: Inputs, receiver: Receiver, now: float) -> service_pb2.Input:
    place, faults = receiver.place, receiver.complaints.reasons
    return service_pb2.Input(
        protocol=place.protocol,
        address=authority(place.host, place.port),
        sessions=inputs.sessions(place),
        devices=[_device(device, now) for device in receiver.devices if now - device.heard < SHOWN_S],
        faults=[service_pb2.InputFault(reason=reason, packets=count) for reason, count in faults.items()],
        refused=receiver.budget.refused,
        listening=receiver.port > 0,
    )


def _device(device: Device, now: float) -> service_pb2.InputDevice:
    last = device.instants[-1].captured
    return service_pb2.InputDevice(
        name=device.name,
        subject=device.subject,
        rate=device.meter.rate(now),
        loss=device.meter.loss(now),
        curves=int(last.heard.sum()),
        joints=int(last.turned.sum()),
        head=last.head is not None,
        sees=last.seen,
        silent_us=max(round((now - device.heard) * 1e6), 0),
    )
