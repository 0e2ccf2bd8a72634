#pragma once

#include "CoreMinimal.h"

/** IWebSocket; OnBinaryMessage since 5.2 */
class IWebSocket
{
public:
	virtual ~IWebSocket() = default;
	virtual void Connect() = 0;
	virtual void Close(int32 Code = 1000, const FString& Reason = FString()) = 0;
	virtual void Send(const void* Data, SIZE_T Size, bool bIsBinary = false) = 0;
	virtual TMulticastDelegate<>& OnConnected() = 0;
	virtual TMulticastDelegate<const FString&>& OnConnectionError() = 0;
	virtual TMulticastDelegate<int32, const FString&, bool>& OnClosed() = 0;
	virtual TMulticastDelegate<const void*, SIZE_T, bool>& OnBinaryMessage() = 0;
};
