#pragma once

#include "IWebSocket.h"

/** FWebSocketsModule */
class FWebSocketsModule
{
public:
	static FWebSocketsModule& Get();
	TSharedRef<IWebSocket> CreateWebSocket(const FString& Url, const FString& Protocol, const TMap<FString, FString>& UpgradeHeaders);
};
